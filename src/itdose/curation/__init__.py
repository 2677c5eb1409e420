"""What keeps a formulary right: lint, regression cases, differences, mutation and seeded slips."""
