"""Import, merge, split and correct the films of the reference base."""
