package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/pluginpb"

	"github.com/gohostrpc/gohost/internal/plugintest"
)

func TestMain(m *testing.M) { plugintest.Main(m, main) }

func TestPlugin(t *testing.T) {
	t.Parallel()
	req, err := plugintest.RequestFromSources("target=nginx,upstream={service}:50051,host_template={service}_1.example",
		map[string]string{"hello.proto": `
		syntax = "proto3";
		service Hello { rpc Say(M) returns (stream M); }
		message M {}`}, "hello.proto")
	if err != nil {
		t.Fatal(err)
	}
	stdin, err := proto.Marshal(req)
	if err != nil {
		t.Fatal(err)
	}
	stdout, stderr, status := plugintest.Run(t, bytes.NewReader(stdin))
	if !strings.Contains(stderr, `hello.proto:3:17: warning: service Hello: host "hello_1.example" has an underscore`) || status != 0 {
		t.Errorf("stderr %q, exit status %d; want a warning and 0", stderr, status)
	}
	res := new(pluginpb.CodeGeneratorResponse)
	if err := proto.Unmarshal([]byte(stdout), res); err != nil {
		t.Fatal(err)
	}
	if res.Error != nil || len(res.GetFile()) != 1 || res.GetFile()[0].GetName() != "nginx.conf" {
		t.Errorf("response = %v", res)
	}
}

// It starts and answers a person like protoc-gen-gohost.
func TestByHand(t *testing.T) {
	t.Parallel()
	if stdout, _, status := plugintest.Run(t, nil, "--version"); !strings.HasPrefix(stdout, "protoc-gen-gohost-proxy ") || status != 0 {
		t.Errorf("--version: stdout %q, exit status %d", stdout, status)
	}
	if stdout, _, status := plugintest.Run(t, nil, "--help"); stdout != usage || status != 0 {
		t.Errorf("--help: stdout %q, exit status %d", stdout, status)
	}
	if _, stderr, status := plugintest.Run(t, nil, "square.proto"); stderr != usage || status != 2 {
		t.Errorf("square.proto: stderr %q, exit status %d; want the usage and 2", stderr, status)
	}
	const wrong = "protoc-gen-gohost-proxy: standard input does not contain a CodeGeneratorRequest"
	if _, stderr, status := plugintest.Run(t, strings.NewReader("garbage")); !strings.HasPrefix(stderr, wrong) || status != 1 {
		t.Errorf("garbage: stderr %q, exit status %d", stderr, status)
	}
}

// The manual and the usage have every parameter.
func TestParametersAreDocumented(t *testing.T) {
	t.Parallel()
	manual, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"target=", "upstream=", "upstream.NAME=", "host_upstream.HOST=", "upstream_ca=", "listen=",
		"certificate=", "key=", "gateway=", "host_template", "default_host"} {
		if !strings.Contains(string(manual), name) || !strings.Contains(usage, name) {
			t.Errorf("%s is not in both the manual and the usage", name)
		}
	}
}
