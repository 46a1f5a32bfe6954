"""How a test set such as Emo-Emilia is made: candidates, review pages, unanimous merge (paper IV-B)."""
