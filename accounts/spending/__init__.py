"""What people may spend and have spent: plans, prices, the ledger, alerts, and the pages that show it."""
