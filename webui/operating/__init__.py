"""Pages and figures for whoever runs the site, and mistakes that readers report."""
