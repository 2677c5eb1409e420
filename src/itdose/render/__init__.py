"""From a report to what a person or a program reads. A renderer is a function that returns text."""
