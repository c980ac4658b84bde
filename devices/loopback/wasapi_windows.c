// Process loopback, of Windows 10 version 2004 and later, with the process left out
// that it is told of: "Capture only the sound of a process" in Microsoft's sample
// ApplicationLoopback, and the reference of AUDIOCLIENT_PROCESS_LOOPBACK_PARAMS.
#define COBJMACROS
#define CINTERFACE
#define INITGUID
#include <windows.h>
#include <audioclient.h>
#include <mmdeviceapi.h>
#include <mmreg.h>
#include <stdlib.h>

#include "wasapi_windows.h"

// How long the system may take to make the client, in milliseconds.
#define ACTIVATE_WITHIN 5000
// What may wait to be read, in 100 ns.
#define BUFFERED (200 * 10000)

// As audioclientactivationparams.h has it, which compilers of other houses may lack.
static const WCHAR process_loopback[] = L"VAD\\Process_Loopback";
enum { activation_process_loopback = 1, exclude_process_tree = 1 };
typedef struct {
	DWORD type;
	DWORD process;
	DWORD mode;
} activation;

DEFINE_GUID(agile_object, 0x94ea2b94, 0xe9cc, 0x49e0, 0xc0, 0xff, 0xee, 0x64, 0xca, 0x8f, 0x5b, 0x90);

typedef HRESULT(WINAPI *activate_function)(LPCWSTR, REFIID, PROPVARIANT *, IActivateAudioInterfaceCompletionHandler *,
					   IActivateAudioInterfaceAsyncOperation **);
typedef HRESULT(WINAPI *increment_function)(CO_MTA_USAGE_COOKIE *);
typedef HRESULT(WINAPI *decrement_function)(CO_MTA_USAGE_COOKIE);

struct wasapi {
	CO_MTA_USAGE_COOKIE apartment;
	IAudioClient *client;
	IAudioCaptureClient *capture;
	HANDLE filled;
};

// waiter is told when the client is made. The system may hold it longer than we wait, and
// read what it was asked for.
typedef struct {
	IActivateAudioInterfaceCompletionHandler handler;
	LONG references;
	HANDLE done;
	activation asked;
	PROPVARIANT parameters;
} waiter;

static HRESULT STDMETHODCALLTYPE waiter_query(IActivateAudioInterfaceCompletionHandler *handler, REFIID id, void **object) {
	// It is called on a thread of the system's: without the second it is refused.
	if (IsEqualIID(id, &IID_IUnknown) || IsEqualIID(id, &agile_object) || IsEqualIID(id, &IID_IActivateAudioInterfaceCompletionHandler)) {
		*object = handler;
		InterlockedIncrement(&((waiter *)handler)->references);
		return S_OK;
	}
	*object = NULL;
	return E_NOINTERFACE;
}

static ULONG STDMETHODCALLTYPE waiter_add(IActivateAudioInterfaceCompletionHandler *handler) {
	return InterlockedIncrement(&((waiter *)handler)->references);
}

static ULONG STDMETHODCALLTYPE waiter_release(IActivateAudioInterfaceCompletionHandler *handler) {
	waiter *w = (waiter *)handler;
	LONG left = InterlockedDecrement(&w->references);
	if (left == 0) {
		CloseHandle(w->done);
		free(w);
	}
	return left;
}

static HRESULT STDMETHODCALLTYPE waiter_completed(IActivateAudioInterfaceCompletionHandler *handler, IActivateAudioInterfaceAsyncOperation *operation) {
	(void)operation;
	SetEvent(((waiter *)handler)->done);
	return S_OK;
}

static IActivateAudioInterfaceCompletionHandlerVtbl waiter_methods = {waiter_query, waiter_add, waiter_release, waiter_completed};

static waiter *new_waiter(void) {
	waiter *w = calloc(1, sizeof *w);
	if (w == NULL)
		return NULL;
	w->handler.lpVtbl = &waiter_methods;
	w->references = 1;
	w->asked = (activation){activation_process_loopback, GetCurrentProcessId(), exclude_process_tree};
	w->parameters.vt = VT_BLOB;
	w->parameters.blob.cbSize = sizeof w->asked;
	w->parameters.blob.pBlobData = (BYTE *)&w->asked;
	w->done = CreateEventW(NULL, TRUE, FALSE, NULL);
	if (w->done == NULL) {
		free(w);
		return NULL;
	}
	return w;
}

// activate makes the client of a capture that leaves this process out.
static HRESULT activate(IAudioClient **client) {
	HMODULE library = LoadLibraryExW(L"mmdevapi.dll", NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
	if (library == NULL)
		return HRESULT_FROM_WIN32(GetLastError());
	activate_function call = (activate_function)(void *)GetProcAddress(library, "ActivateAudioInterfaceAsync");
	if (call == NULL)
		return E_NOTIMPL;
	waiter *w = new_waiter();
	if (w == NULL)
		return E_OUTOFMEMORY;
	IActivateAudioInterfaceAsyncOperation *operation = NULL;
	HRESULT result = call(process_loopback, &IID_IAudioClient, &w->parameters, &w->handler, &operation);
	if (SUCCEEDED(result) && WaitForSingleObject(w->done, ACTIVATE_WITHIN) != WAIT_OBJECT_0)
		result = HRESULT_FROM_WIN32(ERROR_TIMEOUT);
	if (SUCCEEDED(result)) {
		IUnknown *made = NULL;
		HRESULT activated = E_UNEXPECTED;
		result = IActivateAudioInterfaceAsyncOperation_GetActivateResult(operation, &activated, &made);
		if (SUCCEEDED(result))
			result = activated;
		if (SUCCEEDED(result))
			result = made == NULL ? E_UNEXPECTED : IUnknown_QueryInterface(made, &IID_IAudioClient, (void **)client);
		if (made != NULL)
			IUnknown_Release(made);
	}
	if (operation != NULL)
		IActivateAudioInterfaceAsyncOperation_Release(operation);
	waiter_release(&w->handler);
	return result;
}

// start begins the capture of a client. Its own format can't be asked for: it converts.
static HRESULT start(wasapi *w, DWORD flags, uint32_t rate) {
	WAVEFORMATEX format = {WAVE_FORMAT_IEEE_FLOAT, 2, rate, rate * 2 * sizeof(float), 2 * sizeof(float), 8 * sizeof(float), 0};
	flags |= AUDCLNT_STREAMFLAGS_EVENTCALLBACK | AUDCLNT_STREAMFLAGS_AUTOCONVERTPCM | AUDCLNT_STREAMFLAGS_SRC_DEFAULT_QUALITY;
	HRESULT result = IAudioClient_Initialize(w->client, AUDCLNT_SHAREMODE_SHARED, flags, BUFFERED, 0, &format, NULL);
	if (FAILED(result))
		return result;
	w->filled = CreateEventW(NULL, FALSE, FALSE, NULL);
	if (w->filled == NULL)
		return HRESULT_FROM_WIN32(GetLastError());
	if (FAILED(result = IAudioClient_SetEventHandle(w->client, w->filled)))
		return result;
	if (FAILED(result = IAudioClient_GetService(w->client, &IID_IAudioCaptureClient, (void **)&w->capture)))
		return result;
	return IAudioClient_Start(w->client);
}

// enter lets every thread call COM objects that has chosen no other way: those of Go's
// goroutines change. It is of Windows 8.
static HRESULT enter(CO_MTA_USAGE_COOKIE *apartment) {
	increment_function call = (increment_function)(void *)GetProcAddress(GetModuleHandleW(L"combase.dll"), "CoIncrementMTAUsage");
	return call == NULL ? E_NOTIMPL : call(apartment);
}

static void leave(CO_MTA_USAGE_COOKIE apartment) {
	decrement_function call = (decrement_function)(void *)GetProcAddress(GetModuleHandleW(L"combase.dll"), "CoDecrementMTAUsage");
	if (call != NULL)
		call(apartment);
}

wasapi *wasapi_open(uint32_t rate, int32_t *failed) {
	wasapi *w = calloc(1, sizeof *w);
	if (w == NULL) {
		*failed = E_OUTOFMEMORY;
		return NULL;
	}
	HRESULT result = enter(&w->apartment);
	if (SUCCEEDED(result))
		result = activate(&w->client);
	if (SUCCEEDED(result))
		result = start(w, AUDCLNT_STREAMFLAGS_LOOPBACK, rate);
	if (SUCCEEDED(result))
		return w;
	*failed = result;
	wasapi_close(w);
	return NULL;
}

int32_t wasapi_next(wasapi *w, uint32_t wait, const float **samples, uint32_t *frames) {
	BYTE *data = NULL;
	DWORD flags = 0;
	*samples = NULL;
	*frames = 0;
	HRESULT result = IAudioCaptureClient_GetBuffer(w->capture, &data, frames, &flags, NULL, NULL);
	if (result == AUDCLNT_S_BUFFER_EMPTY) {
		WaitForSingleObject(w->filled, wait);
		result = IAudioCaptureClient_GetBuffer(w->capture, &data, frames, &flags, NULL, NULL);
	}
	if (result == AUDCLNT_S_BUFFER_EMPTY)
		*frames = 0;
	else if (SUCCEEDED(result) && !(flags & AUDCLNT_BUFFERFLAGS_SILENT))
		*samples = (const float *)data;
	return result;
}

int32_t wasapi_release(wasapi *w, uint32_t frames) { return IAudioCaptureClient_ReleaseBuffer(w->capture, frames); }

void wasapi_close(wasapi *w) {
	if (w->capture != NULL) {
		IAudioClient_Stop(w->client);
		IAudioCaptureClient_Release(w->capture);
	}
	if (w->client != NULL)
		IAudioClient_Release(w->client);
	if (w->filled != NULL)
		CloseHandle(w->filled);
	if (w->apartment != NULL)
		leave(w->apartment);
	free(w);
}
