"""Published documents from one record of facts: a model card, a transparency record, a notice for families."""
