// Package bufplugin holds only tests of packaging/buf. They need parsers for
// YAML and go.mod, which the root module does not require.
package bufplugin
