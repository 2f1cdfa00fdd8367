package main

var proxyBugs = []bug{
	{"x", "generator/proxy/proxy.go", "package proxy\n", "package proxy \n"},
}
