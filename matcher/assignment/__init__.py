"""Give each film to one entry of a platform, or to one record of a source, once every decision is made on its own."""
