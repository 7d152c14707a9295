"""The review of doubts: a case, the films near it, and a person who says."""
