// Reports what the bucket holds and what was done there.
#include "platform/cli/bucket/bucket_commands.hpp"

#include "platform/cli/bucket/bucket_options.hpp"
#include "platform/cli/run/command_run.hpp"
#include "platform/migration/database_move.hpp"
#include "platform/migration/migration.hpp"
#include "platform/store/database_address.hpp"

namespace rootlet::platform {
namespace {

json::object json_put(const BucketReport& put) {
  return {{"files", json_count(put.files)},
          {"bytes", json_count(put.bytes)},
          {"removed", json_count(put.removed)},
          {"requests", json_count(put.requests)}};
}

Text words_of(const BucketReport& put) {
  const std::string files = std::to_string(put.files), bytes = std::to_string(put.bytes),
                    removed = std::to_string(put.removed), requests = std::to_string(put.requests);
  return {.en = files + " files (" + bytes + " bytes) were put, " + removed + " removed, in " +
                requests + " requests.\n",
          .zh = "已上传 " + files + " 个文件（" + bytes + " 字节），删除 " + removed + " 个，共 " +
                requests + " 次请求。\n"};
}

Text words_of(const BucketCheck& check) {
  const std::string files = std::to_string(check.files), bytes = std::to_string(check.bytes);
  return {.en = files + " files (" + bytes + " bytes) were read back: " +
                (check.problems.empty() ? "everything is as it was published.\n"
                                        : std::to_string(check.problems.size()) + " problems.\n"),
          .zh = "已读回 " + files + " 个文件（" + bytes + " 字节）：" +
                (check.problems.empty() ? "与发布内容一致。\n"
                                        : std::to_string(check.problems.size()) + " 处问题。\n")};
}

Status run_update(const CommandRun& run) {
  ROOTLET_TRY(const fs::path folder, run.enter_realm());
  const RealmFolder realm{folder};
  {
    ROOTLET_TRY(ServingHome home, ServingHome::open(realm.serving()));
    ROOTLET_TRY(needed_bucket(home));
  }
  ROOTLET_TRY(const BucketReport put, update_bucket(realm, kBucketWait));
  return run.output.report(json_put(put), run.output.words(words_of(put)));
}

Status run_show(const CommandRun& run) {
  ROOTLET_TRY(const fs::path folder, run.enter_realm());
  const RealmFolder realm{folder};
  ROOTLET_TRY(ServingHome home, ServingHome::open(realm.serving()));
  ROOTLET_TRY(const Bucket bucket, needed_bucket(home));
  ROOTLET_TRY(BucketRecord record,
              BucketRecord::open(bucket_record_of(realm.serving()), home.key()));
  ROOTLET_TRY(const PlacedFiles placed, record.all());
  ROOTLET_TRY(std::vector<BucketFile> published, read_published(realm, kRealmLockWait));
  const BucketPlan plan = plan_bucket(std::move(published), placed);
  const std::string state(name_of(bucket.state)), waiting = std::to_string(plan.files.size());
  ROOTLET_TRY(run.output.report(
      json::object{{"bucket", bucket.place.text()},
                   {"endpoint", bucket.place.endpoint},
                   {"region", bucket.place.region},
                   {"url", bucket.public_url},
                   {"state", state},
                   {"files", json_count(placed.size())},
                   {"waiting", json_count(plan.files.size())}},
      run.output.words(
          {.en = bucket.place.text() + " at " + bucket.place.endpoint + ", state " + state +
                 ". Offices fetch from " + bucket.public_url + ". " +
                 std::to_string(placed.size()) + " files are there, " + waiting + " wait.\n",
           .zh = bucket.place.text() + "，位于 " + bucket.place.endpoint + "，状态 " + state +
                 "。各单位从 " + bucket.public_url + " 下载。已有 " +
                 std::to_string(placed.size()) + " 个文件，待上传 " + waiting + " 个。\n"})));
  if (plan.files.empty()) return ok();
  return fail(ErrorCode::kUnreachable, "bucket show: " + waiting + " files wait for the bucket");
}

Status run_verify_bucket(const CommandRun& run) {
  ROOTLET_TRY(const fs::path folder, run.enter_realm());
  ROOTLET_TRY(const BucketCheck check, check_bucket(RealmFolder{folder}, kBucketWait));
  std::string text = run.output.words(words_of(check));
  for (const std::string& problem : check.problems) text += "  " + problem + "\n";
  ROOTLET_TRY(run.output.report(json::object{{"ok", check.problems.empty()},
                                             {"files", json_count(check.files)},
                                             {"bytes", json_count(check.bytes)},
                                             {"requests", json_count(check.requests)},
                                             {"problems", json_texts(check.problems)}},
                                text));
  if (check.problems.empty()) return ok();
  return Error(ErrorCode::kStorageDamaged, "bucket verify: " + check.problems.front(), {},
               {.en = "\"rootlet-platform bucket update\" puts it again.",
                .zh = "运行 rootlet-platform bucket update 可重新上传。"});
}

Status report_move(const CommandRun& run, const MoveReport& report, const Text& where) {
  return run.output.report(
      json::object{{"put", json_put(report.put)}, {"read_back", json_count(report.check.files)}},
      run.output.words(words_of(report.put)) + run.output.words(where));
}

Status run_move_to_folder(const CommandRun& run) {
  ROOTLET_TRY(Realm realm, run.open_realm());
  ROOTLET_TRY(const MoveReport report, move_to_folder(realm, run.now()));
  return report_move(
      run, report,
      {.en = "Offices fetch from the gateway again, as soon as they have seen it at the bucket, "
             "which is kept up to date for them. When all have: realm migrate --finish.\n",
       .zh = "各单位在存储桶看到新地址后改从网关下载；在此之前存储桶继续更新。"
             "全部切换后运行 realm migrate --finish。\n"});
}

Status run_finish(const CommandRun& run) {
  ROOTLET_TRY(Realm realm, run.open_realm());
  ROOTLET_TRY(const Bucket bucket, finish_leaving(realm));
  const std::string name = bucket.place.text();
  return run.output.report(
      json::object{{"left", name}},
      run.output.words({.en = "The realm no longer writes to " + name +
                              ". Its objects stay until you remove them.\n",
                        .zh = "域不再写入 " + name + "。其中的对象由您自行删除。\n"}));
}

Status run_move_to_database(const CommandRun& run, const std::string& address) {
  ROOTLET_TRY(parse_database_address(address));
  ROOTLET_TRY(Realm realm, run.open_realm());
  ROOTLET_TRY(const DatabaseMove done, move_to_database(realm, address));
  const std::string tables = std::to_string(done.tables), rows = std::to_string(done.rows);
  return run.output.report(
      json::object{{"tables", json_count(done.tables)}, {"rows", json_count(done.rows)}},
      run.output.words(
          {.en = tables + " tables with " + rows +
                 " rows are in the database, each with the same digest as here. Start serve, "
                 "keeper and worker again. The old files are renamed inside; remove them after the "
                 "next backup.\n",
           .zh = tables + " 张表、" + rows +
                 " 行已迁入数据库，各表摘要一致。请重新启动 serve、keeper 和 "
                 "worker。旧文件中的表已改名，下次备份后可删除。\n"}));
}

Status run_migrate(const CommandRun& run) {
  const std::string to = run.arguments.value("repository");
  const std::string database = run.arguments.value("database");
  if (run.arguments.has("finish") + !to.empty() + !database.empty() != 1) {
    return fail(ErrorCode::kUsage, "give one of --repository, --database and --finish");
  }
  if (!database.empty()) return run_move_to_database(run, database);
  if (run.arguments.has("finish")) return run_finish(run);
  if (to == "folder") return run_move_to_folder(run);
  ROOTLET_TRY(const Bucket bucket, bucket_of(run.arguments));
  ROOTLET_TRY(Realm realm, run.open_realm());
  const UrlCheck check = run.arguments.has("no-url-check") ? UrlCheck::kNo : UrlCheck::kYes;
  ROOTLET_TRY(const MoveReport report, move_to_bucket(realm, bucket, check, run.clock));
  const std::string read = std::to_string(report.check.files);
  return report_move(
      run, report,
      {.en = read + " files were read back and are as published. Offices fetch from " +
             bucket.public_url +
             " as soon as they have seen it at the gateway, which goes on serving the files.\n",
       .zh = "已读回 " + read + " 个文件，与发布内容一致。各单位在网关看到新地址后改从 " +
             bucket.public_url + " 下载；网关继续提供文件。\n"});
}

}  // namespace

std::vector<Command> bucket_commands() {
  std::vector<OptionSpec> options = bucket_options();
  options.push_back({.name = "database",
                     .value_name = "ADDRESS",
                     .help = {.en = "move the tables to PostgreSQL: postgres://USER@HOST/DATABASE",
                              .zh = "将各表迁移到 PostgreSQL：postgres://用户@主机/数据库"}});
  options.push_back({.name = "finish",
                     .help = {.en = "forget the bucket that was left; its objects stay",
                              .zh = "不再使用已迁出的存储桶；其中对象保留"}});
  return {
      {.name = "bucket show",
       .summary = {.en = "Show the bucket of this realm, and how many files wait for it",
                   .zh = "显示本域的存储桶及待上传文件数"},
       .details = {.en = "Exit 3 while files wait, for a timer that watches it.",
                   .zh = "有文件待上传时退出码为 3，可供定时检查使用。"},
       .example = {.en = "rootlet-platform bucket show"},
       .run = with_clock(run_show)},
      {.name = "bucket update",
       .summary = {.en = "Bring the bucket up to date with the realm's folder now",
                   .zh = "立即使存储桶与域目录一致"},
       .details = {.en = "Commands that write and a running `serve` do it by themselves. Nothing "
                         "that is there already is sent again.",
                   .zh = "写入类命令和运行中的 serve 会自动完成。已上传的内容不会重复上传。"},
       .example = {.en = "rootlet-platform bucket update"},
       .run = with_clock(run_update)},
      {.name = "bucket verify",
       .summary = {.en = "Read the whole bucket back and compare every byte",
                   .zh = "读回整个存储桶并逐字节比对"},
       .details = {.en = "Exit 6 names what is missing or differs; bucket update then puts it "
                         "again.",
                   .zh = "退出码 6 指明缺失或不一致的文件；随后 bucket update 会重新上传。"},
       .example = {.en = "rootlet-platform bucket verify"},
       .run = with_clock(run_verify_bucket)},
      {.name = "realm migrate",
       .summary = {.en = "Move the published files to a bucket of an S3 server, or back",
                   .zh = "将发布文件迁移到 S3 存储桶，或迁回"},
       .details =
           {.en = "Puts all files into the bucket, reads each one back, and only then tells "
                  "offices of it, signed. May be stopped and run again at any time. The gateway "
                  "goes on serving the files, so offices that have not heard of the bucket miss "
                  "nothing. `--repository folder` sends offices back to the gateway.",
            .zh = "将全部文件上传到存储桶并逐一读回核对，之后才以签名方式通知各单位。"
                  "可随时中断并重新运行。网关继续提供文件，尚未得知的单位不受影响。"
                  "--repository folder 让各单位改回从网关下载。"},
       .example = {.en = "rootlet-platform realm migrate --repository s3://realm/county "
                         "--s3-endpoint https://s3.example\n"
                         "rootlet-platform realm migrate --repository folder\n"
                         "rootlet-platform realm migrate --finish"},
       .options = std::move(options),
       .run = with_clock(run_migrate)}};
}

}  // namespace rootlet::platform
