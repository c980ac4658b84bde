// The library of Windows 10 that Go takes its random numbers from, which Wine has from
// version 9 on: for trying the program under the one of Debian 12.
#include <windows.h>
#include <ntsecapi.h>

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T length) {
	return RtlGenRandom(data, (ULONG)length);
}
