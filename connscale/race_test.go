//go:build race

package connscale_test

// slow is how much more the race detector needs: long tests do so much less.
const slow = 5
