package protocplugin

import (
	"fmt"
	"os"
	"path/filepath"

	gohostproto "github.com/gohostrpc/gohost/proto"
)

// exportProto writes the .proto with the options below dir, where an import
// path may point to, and returns the name of the file. A file that is there
// already, such as an older one, is replaced.
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
