// Command calculator is a service with two unary methods, which can run behind nginx.
//
//	go run ./examples/calculator                         both in one process
//	go run ./examples/calculator serve                   only the server, until Ctrl+C
//	go run ./examples/calculator call add 3 4            only the client
//	go run ./examples/calculator call multiply 3 4
//
// With -cert, -key and -ca they use TLS, and -h lists all flags.
package main

import (
	"context"
	"fmt"
	"log"
	"math"
	"strconv"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/examples/internal/program"
	"github.com/gohostrpc/gohost/testdata/calculator"
)

var calc = program.Program{
	Name: "calculator",
	Addr: "127.0.0.1:50051",
	Serve: func(context.Context, *log.Logger) (program.Register, error) {
		return func(r grpc.ServiceRegistrar) { calculator.RegisterCal(r, calServer{}) }, nil
	},
	Call: call,
}

func main() { calc.Main() }

type calServer struct{}

func (calServer) Add(_ context.Context, req *calculator.AddRequest) (*calculator.ResultReply, error) {
	return reply(int64(req.GetNumber1()) + int64(req.GetNumber2()))
}

func (calServer) Multiply(_ context.Context, req *calculator.MultiplyRequest) (*calculator.ResultReply, error) {
	return reply(int64(req.GetNumber1()) * int64(req.GetNumber2()))
}

func reply(n int64) (*calculator.ResultReply, error) {
	if n < math.MinInt32 || n > math.MaxInt32 {
		return nil, status.Errorf(codes.OutOfRange, "%d does not fit into 32 bits", n)
	}
	return &calculator.ResultReply{Number: int32(n)}, nil
}

// call calls the method that the arguments name, or both.
func call(ctx context.Context, client program.Client) error {
	cal := calculator.NewCalStub(client.Conn).With(client.Options...)
	if len(client.Args) > 0 {
		return callOne(ctx, cal, client)
	}
	sum, err := cal.Add(ctx, &calculator.AddRequest{Number1: 3, Number2: 4})
	if err != nil {
		return err
	}
	fmt.Fprintln(client.Out, "3 + 4 =", sum.GetNumber())
	product, err := cal.Multiply(ctx, &calculator.MultiplyRequest{Number1: 3, Number2: 4})
	if err != nil {
		return err
	}
	fmt.Fprintln(client.Out, "3 * 4 =", product.GetNumber())
	_, err = cal.Multiply(ctx, &calculator.MultiplyRequest{Number1: math.MaxInt32, Number2: 2})
	fmt.Fprintln(client.Out, "2147483647 * 2:", err)
	return nil
}

func callOne(ctx context.Context, cal calculator.Cal, client program.Client) error {
	if len(client.Args) != 3 {
		return fmt.Errorf("%q is not a method (add or multiply) and two numbers", client.Args)
	}
	var numbers [2]int32
	for i, arg := range client.Args[1:] {
		n, err := strconv.ParseInt(arg, 10, 32)
		if err != nil {
			return err
		}
		numbers[i] = int32(n)
	}
	var res *calculator.ResultReply
	var err error
	switch method := client.Args[0]; method {
	case "add":
		res, err = cal.Add(ctx, &calculator.AddRequest{Number1: numbers[0], Number2: numbers[1]})
	case "multiply":
		res, err = cal.Multiply(ctx, &calculator.MultiplyRequest{Number1: numbers[0], Number2: numbers[1]})
	default:
		err = fmt.Errorf("%q is neither add nor multiply", method)
	}
	if err != nil {
		return err
	}
	fmt.Fprintln(client.Out, res.GetNumber())
	return nil
}
