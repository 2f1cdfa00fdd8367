package main

var connscaleBugs = []bug{{"x", "connscale/full.go", "ctx.Err()", "ctx.Err() "}}
