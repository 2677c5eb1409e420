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

# Look at an HTML report in Chromium; needs playwright and axe-core (npm pack axe-core).
AXE ?= node_modules/axe-core/axe.min.js
.PHONY: look
look:
	mkdir -p look
	$(PYTHON) -m itdose batch docs/examples/preparations.csv --output look/report.html >/dev/null || test $$? -lt 5
	$(PYTHON) tests/browser/look.py look/report.html --axe $(AXE) --pictures look
