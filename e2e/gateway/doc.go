// Package gateway tests gateways of package gateway with an upstream that dies, with
// nginx in front of them or behind them, and with a crowd of clients.
package gateway
