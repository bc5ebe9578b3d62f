module wksmock

go 1.19
