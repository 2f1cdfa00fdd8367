//go:build !race

package connscale_test

const slow = 1
