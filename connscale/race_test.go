//go:build race

package connscale_test

// slow is the factor by which long tests do less, because the race detector is slow.
const slow = 5
