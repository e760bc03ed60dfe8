#include "crash/pausing_vfs.h"

#include <sqlite3.h>

#include <atomic>
#include <new>
#include <utility>

namespace atlasjob::test {

namespace {

/// An open file of the layer, followed in memory by the real VFS's file object.
struct LayeredFile {
    sqlite3_file base;
    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

struct Layer {
    sqlite3_vfs* real = nullptr;
    sqlite3_vfs vfs{};
    std::function<void()> in_window;
    std::atomic<bool> armed = false;
    std::atomic<bool> fired = false;
};

Layer& layer() {
    static Layer the_layer;
    return the_layer;
}

sqlite3_file* real_of(sqlite3_file* file) {
    return reinterpret_cast<LayeredFile*>(file)->real();
}

/// Forwards a method to the real file: `kForward<&sqlite3_io_methods::xRead>` is an xRead.
template <auto Method>
struct Forward;
template <
    class Result,
    class... Args,
    Result (*sqlite3_io_methods::*Method)(sqlite3_file*, Args...)>
struct Forward<Method> {
    static Result call(sqlite3_file* file, Args... args) {
        sqlite3_file* real = real_of(file);
        return (real->pMethods->*Method)(real, args...);
    }
};
template <auto Method>
constexpr auto kForward = &Forward<Method>::call;

int unfetch(sqlite3_file* file, sqlite3_int64 offset, void* page) {
    const int result = kForward<&sqlite3_io_methods::xUnfetch>(file, offset, page);
    Layer& the_layer = layer();
    if (page == nullptr && the_layer.armed.exchange(false)) {
        the_layer.fired = true;
        the_layer.in_window();
    }
    return result;
}

constexpr sqlite3_io_methods kMethods = {
    3,
    kForward<&sqlite3_io_methods::xClose>,
    kForward<&sqlite3_io_methods::xRead>,
    kForward<&sqlite3_io_methods::xWrite>,
    kForward<&sqlite3_io_methods::xTruncate>,
    kForward<&sqlite3_io_methods::xSync>,
    kForward<&sqlite3_io_methods::xFileSize>,
    kForward<&sqlite3_io_methods::xLock>,
    kForward<&sqlite3_io_methods::xUnlock>,
    kForward<&sqlite3_io_methods::xCheckReservedLock>,
    kForward<&sqlite3_io_methods::xFileControl>,
    kForward<&sqlite3_io_methods::xSectorSize>,
    kForward<&sqlite3_io_methods::xDeviceCharacteristics>,
    kForward<&sqlite3_io_methods::xShmMap>,
    kForward<&sqlite3_io_methods::xShmLock>,
    kForward<&sqlite3_io_methods::xShmBarrier>,
    kForward<&sqlite3_io_methods::xShmUnmap>,
    kForward<&sqlite3_io_methods::xFetch>,
    unfetch,
};

int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
    auto* layered = new (file) LayeredFile{};
    sqlite3_vfs* real = layer().real;
    if (real == nullptr) return SQLITE_ERROR;
    const int result = real->xOpen(real, name, layered->real(), flags, out_flags);
    // SQLite calls xClose exactly if pMethods is set.
    layered->base.pMethods = layered->real()->pMethods != nullptr ? &kMethods : nullptr;
    return result;
}

}  // namespace

PausingVfs::PausingVfs() {
    Layer& the_layer = layer();
    the_layer.real = sqlite3_vfs_find(nullptr);
    the_layer.vfs = *the_layer.real;
    the_layer.vfs.zName = "pausing";
    the_layer.vfs.szOsFile += static_cast<int>(sizeof(LayeredFile));
    the_layer.vfs.xOpen = open;
    the_layer.vfs.pNext = nullptr;
    the_layer.fired = false;
    sqlite3_vfs_register(&the_layer.vfs, 1);
}

PausingVfs::~PausingVfs() {
    layer().armed = false;
    sqlite3_vfs_unregister(&layer().vfs);
    sqlite3_vfs_register(layer().real, 1);
}

void PausingVfs::arm(std::function<void()> in_window) {
    layer().in_window = std::move(in_window);
    layer().armed = true;
}

bool PausingVfs::fired() const {
    return layer().fired;
}

}  // namespace atlasjob::test
