"""Manage agents: accounts, roles, sessions, the audit trail, and the secrets that sign what they send."""
