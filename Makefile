PYTHON ?= .venv/bin/python

.PHONY: check schemas
check:
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .
	$(PYTHON) -m mypy
	$(dir $(PYTHON))lint-imports
	$(PYTHON) -m pytest

# After a change of the models in src/itdose/formulary/model.py.
schemas:
	for name in drugs sources routes categories slips rescue notation refused_names formulary conditions contraindications vehicles syringes growth standard_concentrations reminders cases overlay sign_offs; do \
		$(PYTHON) -m itdose formulary schema $$name > schemas/formulary/$$name.schema.json || exit 1; \
	done
