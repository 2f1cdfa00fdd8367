// Package gohostproto holds the .proto files that users import.
package gohostproto

import "embed"

// Options is the file with the options, under the name by which it is imported.
const Options = "gohost/v1/options.proto"

// Files are the .proto files, under the names by which they are imported.
//
//go:embed gohost/v1/options.proto
var Files embed.FS
