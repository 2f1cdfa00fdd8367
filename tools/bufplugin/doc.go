// Package bufplugin holds no code but tests of packaging/buf. They need a reader
// of YAML and one of go.mod, which the root module does not require.
package bufplugin
