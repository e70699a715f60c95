"""Result objects to plotly figures."""
