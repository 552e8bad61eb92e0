/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The peer of bench-log.c that is written in C++. */

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>

#include <memory>

static std::shared_ptr<spdlog::logger> logger;

extern "C" void bench_spdlog_open (const char *path);
extern "C" void bench_spdlog_log (unsigned n_calls);
extern "C" void bench_spdlog_flush (void);
extern "C" void bench_spdlog_close (void);

void
bench_spdlog_open (const char *path)
{
  logger = spdlog::basic_logger_mt ("bench.name", path, true);
  logger->set_pattern ("%d-%b-%Y %H:%M:%S.%f %l %n %v");
}

void
bench_spdlog_log (unsigned n_calls)
{
  for (unsigned i = 0; i < n_calls; i++)
    logger->info ("request {} handled for the client at address 127.0.0.1 in time", i);
}

void
bench_spdlog_flush (void)
{
  logger->flush ();
}

void
bench_spdlog_close (void)
{
  logger.reset ();
  spdlog::drop_all ();
}
