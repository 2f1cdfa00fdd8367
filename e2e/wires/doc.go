// Package wires has tests of gohostconnect with foreign clients, browsers and real
// proxies.
package wires
