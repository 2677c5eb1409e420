"""Orders in FHIR R4 as the rows of a sheet."""
