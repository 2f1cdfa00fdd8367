// Package gohostproto holds the .proto files that users import.
package gohostproto

import "embed"

// Options is the import path of the file with the options.
const Options = "gohost/v1/options.proto"

// Files has the .proto files, by import path.
//
//go:embed gohost/v1/options.proto
var Files embed.FS
