package app

/*
#cgo LDFLAGS: -framework AppKit -framework Foundation
#include <stdint.h>

void parleyTakeLinks(uintptr_t handle);
*/
import "C"

import "runtime/cgo"

// takeLinks hands on the links that the system opens the app with: they come as
// Apple events, which the toolkit does not take. act is called for those that came
// already, and on the main thread for as long as the program runs.
func takeLinks(act func(link string)) {
	C.parleyTakeLinks(C.uintptr_t(cgo.NewHandle(act)))
}

//export parleyLinkArrived
func parleyLinkArrived(handle C.uintptr_t, link *C.char) {
	if act, ok := cgo.Handle(handle).Value().(func(string)); ok {
		act(C.GoString(link))
	}
}
