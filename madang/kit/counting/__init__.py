"""Counting methods: pure, exact (integers and fractions), every stage told."""
