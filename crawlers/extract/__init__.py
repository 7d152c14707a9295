"""Extract observations from rows and pages: JMESPath, transforms, structured data, embedded state."""
