package main

//go:generate go tool wire
//go:generate go tool mockgen -destination=mocks/mockgen/square.go -package=mockgen github.com/gohostrpc/gohost/testdata/squares SquareService
//go:generate go tool mockery
