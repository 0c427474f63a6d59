"""Files: format, reader, writer, checkpoint, resume, merge, lock, provenance."""
