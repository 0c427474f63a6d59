"""What one sky says of the transport: likelihood of a whole sky, posterior, evidence, the flow along the field."""
