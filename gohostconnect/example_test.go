package gohostconnect_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/gohostconnect"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// curl and a stub over gRPC-Web call the same implementation.
func Example() {
	server := connect.NewServer()
	squares.RegisterSquareService(gohostconnect.NewRegistrar(server), squarer)
	web := httptest.NewServer(gohostconnect.NewHandler(server))
	defer web.Close()

	res, err := http.Post(web.URL+"/squarerpc_service.SquareService/square", "application/json", strings.NewReader(`{"message": 3}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	fmt.Println(string(body), err)

	transport := gohostconnect.NewTransport(web.Client(), web.URL, connecthttp.WithGRPCWeb())
	service := squares.NewSquareServiceStub(gohostconnect.NewConn(transport))
	for square, err := range service.RangeSquare(context.Background(), &squares.Message{Message: 3}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(square.GetMessage())
	}
	// Output:
	// {"message":9} <nil>
	// 1
	// 4
	// 9
}

// Within a process, calls go through the interceptors, and messages are copied.
func ExampleRegistrar_InProcess() {
	check, err := gohost.NewHostCheck(gohost.CheckEnforce)
	if err != nil {
		fmt.Println(err)
		return
	}
	registrar := gohostconnect.NewRegistrar(connect.NewServer(),
		gohostconnect.UnaryInterceptors(check.Unary), gohostconnect.StreamInterceptors(check.Stream))
	squares.RegisterSquareService(registrar, squarer)

	service := squares.NewSquareServiceStub(gohostconnect.NewConn(registrar.InProcess()))
	square, err := service.Square(context.Background(), &squares.Message{Message: 3})
	fmt.Println(square.GetMessage(), err)
	_, err = service.With(gohost.Host("other.example")).Square(context.Background(), &squares.Message{Message: 3})
	fmt.Println(err)
	// Output:
	// 9 <nil>
	// rpc error: code = Unimplemented desc = service squarerpc_service.SquareService is not served for host "other.example" (host other.example)
}
