"""Layout and drawing of graphs: pure, and without Textual."""
