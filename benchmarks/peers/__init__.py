"""The same load for any REST peer: what it is given stands in a file, what it takes is measured."""
