"""What is told: of one job, of several, of former runs. Data, no layout."""
