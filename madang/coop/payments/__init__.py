"""Money in and out: charges, refunds, stored webhooks."""
