package protocplugin

import (
	"fmt"
	"os"
	"path/filepath"

	gohostproto "github.com/gohostrpc/gohost/proto"
)

// exportProto writes the .proto with the options below dir, which can be used
// as an import path, and returns the name of the file. It replaces an existing
// file, such as an older version.
func exportProto(dir string) (string, error) {
	text, err := gohostproto.Files.ReadFile(gohostproto.Options)
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, filepath.FromSlash(gohostproto.Options))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return "", fmt.Errorf("export: %w", err)
	}
	if err := os.WriteFile(name, text, 0o644); err != nil { //nolint:gosec // others may read it
		return "", fmt.Errorf("export: %w", err)
	}
	return name, nil
}
