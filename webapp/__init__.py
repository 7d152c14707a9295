"""What people see: the public site, the widget and the programming interface."""
