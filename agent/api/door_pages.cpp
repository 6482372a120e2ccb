#include "agent/api/door_pages.hpp"

#include "config/output/html_text.hpp"

namespace rootlet::agent {
namespace {

bool is_chinese(Language language) {
  return language == Language::kChinese;
}

std::string paragraph(const std::string& text) {
  return "<p>" + text + "</p>\n";
}

std::string page(Language language, std::string_view title, const std::string& content) {
  return "<!doctype html>\n<html lang=\"" + std::string(is_chinese(language) ? "zh-CN" : "en") +
         "\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width\">\n"
         "<link rel=\"stylesheet\" href=\"/console/door.css\">\n"
         "<link rel=\"icon\" href=\"/console/rootlet.svg\">\n<title>" +
         html_text(title) + "</title>\n</head>\n<body>\n<main>\n<h1>" + html_text(title) +
         "</h1>\n" + content + "</main>\n</body>\n</html>\n";
}

std::string name_of_console(Language language) {
  return is_chinese(language) ? "Rootlet 控制台" : "Rootlet console";
}

std::string form(std::string_view action, const std::string& fields, std::string_view button) {
  return "<form method=\"post\" action=\"" + std::string(action) + "\">\n" + fields +
         "<button type=\"submit\">" + html_text(button) + "</button>\n</form>\n";
}

std::string field(std::string_view name, std::string_view label) {
  return "<label>" + html_text(label) + " <input name=\"" + std::string(name) +
         "\" autocomplete=\"off\" required></label>\n";
}

}  // namespace

std::string local_page(Language language, std::string_view user) {
  const bool zh = is_chinese(language);
  std::string text;
  if (!user.empty()) {
    text += paragraph((zh ? "已登录：" : "Signed in as ") + html_text(user));
    text += paragraph(zh ? "本机接口：<a href=\"/api/v1/session\">会话</a>、"
                           "<a href=\"/api/v1/status\">状态</a>、"
                           "<a href=\"/api/v1/openapi.json\">接口说明</a>"
                         : "The local API: <a href=\"/api/v1/session\">session</a>, "
                           "<a href=\"/api/v1/status\">status</a>, "
                           "<a href=\"/api/v1/openapi.json\">its description</a>");
    return page(language, name_of_console(language), text);
  }
  text += paragraph(zh ? "这里是本机数据代理的控制台入口，只供本机用户使用。"
                       : "This is the door to the console of this machine's data agent, for users "
                         "of this machine.");
  text += paragraph(zh ? "登录：在终端运行 <code>rootlet console</code>，或从菜单打开 "
                         "Rootlet。无需密码。"
                       : "To sign in, run <code>rootlet console</code> in a terminal, or start "
                         "Rootlet from the menu. There is no password.");
  text +=
      form("/console/enter", field("ticket", zh ? "登录票据" : "Ticket"), zh ? "登录" : "Enter");
  return page(language, name_of_console(language), text);
}

std::string pairing_page(Language language, std::string_view fingerprint) {
  const bool zh = is_chinese(language);
  std::string text;
  text += paragraph(zh ? "此浏览器尚未配对。请向信息管理人员索取配对码"
                         "（<code>rootlet console pair 姓名</code>），10 分钟内有效。"
                       : "This browser is not paired. Ask IT for a pairing code "
                         "(<code>rootlet console pair NAME</code>); it is valid for 10 minutes.");
  text +=
      form("/console/pair", field("code", zh ? "配对码" : "Pairing code"), zh ? "配对" : "Pair");
  text += paragraph(zh ? "请先核对本机证书指纹与 <code>rootlet console pair</code> 显示的一致："
                       : "First compare the fingerprint of this machine's authority with the one "
                         "that <code>rootlet console pair</code> shows:");
  text += "<p><code>" + html_text(fingerprint) + "</code></p>\n";
  text += paragraph(
      zh ? "<a href=\"/console/authority.pem\">下载证书</a>，由信息管理人员导入浏览器一次。"
         : "<a href=\"/console/authority.pem\">Download the authority's "
           "certificate</a>; IT imports it into the browser once.");
  return page(language, name_of_console(language), text);
}

std::string resume_page(Language language, std::string_view person) {
  const bool zh = is_chinese(language);
  std::string text = paragraph(zh ? "会话已结束。此浏览器已配对：" + html_text(person)
                                  : "There is no open session. This browser is paired for " +
                                        html_text(person) + ".");
  text += form("/console/resume", "", zh ? "继续" : "Continue");
  return page(language, name_of_console(language), text);
}

std::string signed_in_page(Language language, std::string_view person) {
  return local_page(language, person);
}

std::string refusal_page(Language language, const Error& error) {
  const bool zh = is_chinese(language);
  std::string text;
  const std::string hint = error.hint.empty() ? "" : error.hint.in(language);
  if (!zh || hint.empty()) text += paragraph(html_text(error.message) + ".");
  if (!hint.empty()) text += paragraph(html_text(hint));
  text += paragraph(std::string("<a href=\"/console/\">") + (zh ? "返回" : "Back") + "</a>");
  return page(language, zh ? "未能登录" : "Not signed in", text);
}

}  // namespace rootlet::agent
