"""A company that sells all kinds of prices and discounts, and what is true of its MRR."""
