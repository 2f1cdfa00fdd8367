// Command size measures the generated code of many services, all of them used: the size
// of the source, the time to build it, and how much it adds to a program. It writes
// benchmarks for benchstat. The plugins take turns.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/pluginpb"

	"github.com/gohostrpc/gohost/bench/request"
)

const (
	services = 200
	module   = "github.com/gohostrpc/gohost/bench"
)

// target is a program that uses the generated code of a plugin.
type target struct {
	name   string
	plugin string
	use    string // of a service, in main; $ is its name
}

var targets = []target{
	// The messages alone, which all programs have.
	{name: "messages"},
	{"grpc", "google.golang.org/grpc/cmd/protoc-gen-go-grpc", `
		shops.Register$Server(server, shops.Unimplemented$Server{})
		{ c := shops.New$Client(cc); use(c.GetThing, c.WatchThings, c.UploadThings, c.TradeThings) }`},
	{"gohost", "github.com/gohostrpc/gohost/cmd/protoc-gen-gohost", `
		shops.Register$(server, shops.Unimplemented${})
		{ c := shops.New$Stub(cc); use(c.GetThing, c.WatchThings, c.UploadThings, c.TradeThings) }`},
}

func main() {
	log.SetFlags(0)
	rounds := flag.Int("rounds", 1, "build everything this many times, in turns")
	flag.Parse()
	if err := run(*rounds); err != nil {
		log.Fatal(err)
	}
}

func run(rounds int) error {
	// Inside this module, whose dependencies it has; "./..." does not match it.
	dir, err := os.MkdirTemp(".", "_size")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // it is a folder for temporary files
	baseline := int64(0)
	for _, t := range targets {
		source, err := t.generate(filepath.Join(dir, t.name), path.Join(module, filepath.Base(dir), t.name))
		if err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		if source > 0 {
			fmt.Printf("BenchmarkSource/impl=%s 1 %d source-B\n", t.name, source)
		}
	}
	for round := range rounds {
		for _, t := range targets {
			size, took, cpu, err := build(filepath.Join(dir, t.name))
			switch {
			case err != nil:
				return fmt.Errorf("%s: %w", t.name, err)
			case t.plugin == "":
				baseline = size
				continue
			case round == 0:
				fmt.Printf("BenchmarkBinary/impl=%s 1 %d growth-B\n", t.name, size-baseline)
			}
			fmt.Printf("BenchmarkBuild/impl=%s 1 %d ns/op %d cpu-ns/op\n", t.name, took.Nanoseconds(), cpu.Nanoseconds())
		}
	}
	return nil
}

// generate writes the program into dir, with the messages, and returns the size of the
// plugin's output in bytes.
func (t target) generate(dir, importPath string) (int, error) {
	shops := filepath.Join(dir, "shops")
	if err := os.MkdirAll(shops, 0o755); err != nil {
		return 0, err
	}
	req, err := request.Make(services, path.Join(importPath, "shops"))
	if err != nil {
		return 0, err
	}
	req.Parameter = nil // by import path, so that everything is in one folder
	if _, err := plugin("google.golang.org/protobuf/cmd/protoc-gen-go", req, shops); err != nil {
		return 0, err
	}
	source := 0
	if t.plugin != "" {
		if source, err = plugin(t.plugin, req, shops); err != nil {
			return 0, err
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, `package main

import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	shops %q
)

var used []any

func use(what ...any) { used = append(used, what...) }

func main() {
	server := grpc.NewServer()
	cc, err := grpc.NewClient("", grpc.WithTransportCredentials(insecure.NewCredentials()))
	use(server, cc, err)
`, path.Join(importPath, "shops"))
	for i := range services {
		for _, method := range request.Methods {
			fmt.Fprintf(&b, "\tuse(new(shops.Shop%04[1]d%[2]sRequest), new(shops.Shop%04[1]d%[2]sResponse))\n", i, method)
		}
		b.WriteString(strings.ReplaceAll(t.use, "$", request.Service(i)) + "\n")
	}
	b.WriteString("}\n")
	return source, os.WriteFile(filepath.Join(dir, "main.go"), []byte(b.String()), 0o644)
}

// plugin runs a plugin, writes its output into dir, and returns the size of the output
// in bytes.
func plugin(pkg string, req *pluginpb.CodeGeneratorRequest, dir string) (int, error) {
	in, err := proto.Marshal(req)
	if err != nil {
		return 0, err
	}
	cmd := exec.Command("go", "run", pkg)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return 0, err
	}
	res := new(pluginpb.CodeGeneratorResponse)
	if err := proto.Unmarshal(out, res); err != nil {
		return 0, err
	}
	if res.Error != nil {
		return 0, fmt.Errorf("%s: %s", pkg, res.GetError())
	}
	size := 0
	for _, f := range res.GetFile() {
		size += len(f.GetContent())
		if err := os.WriteFile(filepath.Join(dir, path.Base(f.GetName())), []byte(f.GetContent()), 0o644); err != nil {
			return 0, err
		}
	}
	return size, nil
}

// build builds the program in dir, whose packages are not in the cache. It returns the
// program's size and the time of the build.
func build(dir string) (size int64, took, cpu time.Duration, err error) {
	salt := fmt.Sprintf("package shops\n\nconst salt = %d\n", time.Now().UnixNano())
	if err := os.WriteFile(filepath.Join(dir, "shops", "salt.go"), []byte(salt), 0o644); err != nil {
		return 0, 0, 0, err
	}
	program := filepath.Join(dir, "program")
	cmd := exec.Command("go", "build", "-o", program, "./"+dir)
	start := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		return 0, 0, 0, fmt.Errorf("%w\n%s", err, out)
	}
	took = time.Since(start)
	info, err := os.Stat(program)
	if err != nil {
		return 0, 0, 0, err
	}
	return info.Size(), took, cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), nil
}
