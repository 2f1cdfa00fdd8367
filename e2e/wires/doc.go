// Package wires tests gohostconnect with other clients, browsers and real proxies.
package wires
