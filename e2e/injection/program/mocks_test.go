package main

import (
	"context"
	"iter"
	"testing"

	"github.com/stretchr/testify/mock"
	"go.uber.org/mock/gomock"

	"github.com/gohostrpc/gohost/e2e/injection/program/mocks/mockery"
	"github.com/gohostrpc/gohost/e2e/injection/program/mocks/mockgen"
	"github.com/gohostrpc/gohost/e2e/injection/program/mocks/moq"
	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/squares"
)

func TestMockgen(t *testing.T) {
	t.Parallel()
	newMock := func(t *testing.T) *mockgen.MockSquareService {
		t.Helper()
		return mockgen.NewMockSquareService(gomock.NewController(t))
	}
	t.Run("client", func(t *testing.T) {
		t.Parallel()
		service := newMock(t)
		service.EXPECT().RangeSquare(gomock.Any(), gomock.Cond(asksFor(10))).
			Return(stream.Of(number(1), number(4), number(9), number(16)))
		checkLargest(t, client{service})
	})
	t.Run("broken stream", func(t *testing.T) {
		t.Parallel()
		service := newMock(t)
		service.EXPECT().RangeSquare(gomock.Any(), gomock.Any()).Return(breaks)
		checkBroken(t, client{service})
	})
	t.Run("server", func(t *testing.T) {
		t.Parallel()
		service := newMock(t)
		service.EXPECT().Square(gomock.Any(), gomock.Cond(asksFor(3))).Return(number(9), nil)
		service.EXPECT().RangeSquare(gomock.Any(), gomock.Cond(asksFor(3))).Return(stream.Of(number(1), number(4), number(9)))
		service.EXPECT().SumSquare(gomock.Any(), gomock.Any()).DoAndReturn(squarer{}.SumSquare)
		service.EXPECT().StreamrangeSquare(gomock.Any(), gomock.Any()).DoAndReturn(squarer{}.StreamrangeSquare)
		checkKinds(t, stubOf(t, service))
	})
	t.Run("unexpected call of a server", func(t *testing.T) {
		t.Parallel()
		checkNoAnswer(t, func(r *recorder) squares.SquareService {
			return mockgen.NewMockSquareService(gomock.NewController(r))
		})
	})
}

func TestMockery(t *testing.T) {
	t.Parallel()
	t.Run("client", func(t *testing.T) {
		t.Parallel()
		service := mockery.NewMockSquareService(t)
		service.EXPECT().RangeSquare(mock.Anything, mock.MatchedBy(asksFor(10))).
			Return(stream.Of(number(1), number(4), number(9), number(16)))
		checkLargest(t, client{service})
	})
	t.Run("broken stream", func(t *testing.T) {
		t.Parallel()
		service := mockery.NewMockSquareService(t)
		service.EXPECT().RangeSquare(mock.Anything, mock.Anything).Return(breaks)
		checkBroken(t, client{service})
	})
	t.Run("server", func(t *testing.T) {
		t.Parallel()
		service := mockery.NewMockSquareService(t)
		service.EXPECT().Square(mock.Anything, mock.MatchedBy(asksFor(3))).Return(number(9), nil)
		service.EXPECT().RangeSquare(mock.Anything, mock.MatchedBy(asksFor(3))).Return(stream.Of(number(1), number(4), number(9)))
		service.EXPECT().SumSquare(mock.Anything, mock.Anything).RunAndReturn(squarer{}.SumSquare)
		service.EXPECT().StreamrangeSquare(mock.Anything, mock.Anything).RunAndReturn(squarer{}.StreamrangeSquare)
		checkKinds(t, stubOf(t, service))
	})
	t.Run("unexpected call of a server", func(t *testing.T) {
		t.Parallel()
		checkNoAnswer(t, func(r *recorder) squares.SquareService { return mockery.NewMockSquareService(r) })
	})
}

func TestMoq(t *testing.T) {
	t.Parallel()
	t.Run("client", func(t *testing.T) {
		t.Parallel()
		service := &moq.MockSquareService{RangeSquareFunc: squarer{}.RangeSquare}
		checkLargest(t, client{service})
		if calls := service.RangeSquareCalls(); len(calls) != 1 || !asksFor(10)(calls[0].Req) {
			t.Errorf("calls = %v, want one for 10", calls)
		}
	})
	t.Run("broken stream", func(t *testing.T) {
		t.Parallel()
		checkBroken(t, client{&moq.MockSquareService{
			RangeSquareFunc: func(context.Context, *squares.Message) iter.Seq2[*squares.Message, error] { return breaks },
		}})
	})
	t.Run("server", func(t *testing.T) {
		t.Parallel()
		service := &moq.MockSquareService{
			SquareFunc:            squarer{}.Square,
			RangeSquareFunc:       squarer{}.RangeSquare,
			SumSquareFunc:         squarer{}.SumSquare,
			StreamrangeSquareFunc: squarer{}.StreamrangeSquare,
		}
		checkKinds(t, stubOf(t, service))
		if n := len(service.SquareCalls()) + len(service.RangeSquareCalls()) + len(service.SumSquareCalls()) + len(service.StreamrangeSquareCalls()); n != 4 {
			t.Errorf("%d calls, want 4", n)
		}
	})
	t.Run("unexpected call", func(t *testing.T) {
		t.Parallel()
		defer func() {
			if recover() == nil {
				t.Error("it did not panic")
			}
		}()
		_, err := new(moq.MockSquareService).Square(t.Context(), number(3))
		t.Errorf("it returned %v", err)
	})
}
