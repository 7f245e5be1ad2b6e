"""Language-model providers behind one interface: a request goes in, pieces of text and a finish come out."""
