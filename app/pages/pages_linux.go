package pages

/*
#define _GNU_SOURCE
#include <link.h>
#include <malloc.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { worthwhile = 1 << 20 };

// ours are the objects whose code nobody changes once it is loaded: the program itself, and
// the renderer that draws in place of a graphics card, or compiles for one. Drivers of
// others have been seen to write into their own code.
static int ours(const char *path)
{
	const char *slash, *name;

	if (path[0] == 0)
		return 1;
	slash = strrchr(path, '/');
	name = slash ? slash + 1 : path;
	return !strncmp(name, "libLLVM", 7) || !strncmp(name, "libgallium", 10) || !strcmp(name, "swrast_dri.so");
}

// relocated is whether the loader wrote into code.
static int relocated(const struct dl_phdr_info *object)
{
	for (int i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
		if (segment->p_type != PT_DYNAMIC)
			continue;
		for (const ElfW(Dyn) *d = (const void *)(object->dlpi_addr + segment->p_vaddr); d->d_tag != DT_NULL; d++)
			if (d->d_tag == DT_TEXTREL || (d->d_tag == DT_FLAGS && (d->d_un.d_val & DF_TEXTREL)))
				return 1;
	}
	return 0;
}

// let_go is called with the loader's lock held, so that no object goes meanwhile.
static int let_go(struct dl_phdr_info *object, size_t size, void *total)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

	(void)size;
	if (!ours(object->dlpi_name) || relocated(object))
		return 0;
	for (int i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
		uintptr_t begin, end;
		if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W) || segment->p_filesz < worthwhile)
			continue;
		begin = (object->dlpi_addr + segment->p_vaddr + page - 1) & ~(page - 1);
		end = (object->dlpi_addr + segment->p_vaddr + segment->p_filesz) & ~(page - 1);
		if (!madvise((void *)begin, end - begin, MADV_DONTNEED))
			*(uintptr_t *)total += end - begin;
	}
	return 0;
}

static uintptr_t let_go_of_all(void)
{
	uintptr_t total = 0;

#ifdef __GLIBC__
	malloc_trim(0);
#endif
	dl_iterate_phdr(let_go, &total);
	return total;
}
*/
import "C"

// Return lets go of what C's allocator keeps and nobody uses, and of the code and constants
// of the program, and of Mesa's software renderer, that are in memory. These stay in the
// system's cache of files, and what is used again is mapped again as it is used, 64 KiB at
// a time. It returns over how many bytes of files it went. It is safe at any time and on
// any goroutine: nothing of that is ever written.
func Return() int64 { return int64(C.let_go_of_all()) }
