"""The CNC's coverage tables: pure counting, as of any day; each table is a plain shape that pages and files print."""
