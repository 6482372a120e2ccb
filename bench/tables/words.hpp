// Surnames and the characters of given names and village names for the invented tables, the common
// ones first. Names made from them are invented.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace rootlet::bench {

struct Surname {
  char16_t character;
  std::uint32_t weight;  // of 10,000 people, about
};

inline constexpr Surname kSurnames[] = {
    {u'王', 715}, {u'李', 707}, {u'张', 674}, {u'刘', 531}, {u'陈', 461}, {u'杨', 329},
    {u'黄', 245}, {u'赵', 229}, {u'吴', 205}, {u'周', 202}, {u'徐', 166}, {u'孙', 154},
    {u'胡', 131}, {u'马', 129}, {u'朱', 126}, {u'何', 117}, {u'郭', 115}, {u'林', 113},
    {u'高', 110}, {u'罗', 108}, {u'郑', 93},  {u'梁', 91},  {u'宋', 81},  {u'谢', 80},
    {u'韩', 80},  {u'唐', 75},  {u'许', 75},  {u'邓', 72},  {u'冯', 72},  {u'曹', 68},
    {u'彭', 65},  {u'曾', 63},  {u'肖', 62},  {u'田', 61},  {u'董', 61},  {u'潘', 59},
    {u'袁', 58},  {u'蔡', 53},  {u'蒋', 50},  {u'余', 50},  {u'于', 50},  {u'杜', 49},
    {u'叶', 49},  {u'程', 48},  {u'魏', 48},  {u'苏', 47},  {u'吕', 47},  {u'丁', 45},
    {u'任', 44},  {u'沈', 43},  {u'姚', 42},  {u'卢', 42},  {u'姜', 41},  {u'崔', 40},
    {u'钟', 38},  {u'谭', 37},  {u'陆', 37},  {u'汪', 36},  {u'范', 36},  {u'金', 35},
    {u'石', 34},  {u'廖', 34},  {u'贾', 33},  {u'夏', 32},  {u'韦', 31},  {u'付', 31},
    {u'方', 30},  {u'白', 29},  {u'邹', 29},  {u'孟', 28},  {u'熊', 27},  {u'秦', 26},
    {u'邱', 26},  {u'江', 25},  {u'尹', 25},  {u'薛', 24},  {u'闫', 24},  {u'段', 23},
    {u'雷', 22},  {u'侯', 22},  {u'龙', 21},  {u'史', 20},  {u'陶', 20},  {u'黎', 19},
    {u'贺', 19},  {u'顾', 18},  {u'毛', 18},  {u'郝', 17},  {u'龚', 17},  {u'邵', 16},
    {u'万', 16},  {u'钱', 15},  {u'严', 15},  {u'覃', 15},  {u'武', 14},  {u'戴', 14},
    {u'莫', 14},  {u'孔', 13},  {u'向', 13},  {u'汤', 12},  {u'倪', 8},   {u'施', 8},
    {u'柴', 5},   {u'费', 5},   {u'屠', 3},
};

inline constexpr std::u16string_view kMaleGiven =
    u"建国明华军文志强伟平杰林海东峰新永春德宇浩俊鹏飞家子成龙金生祥辉斌波涛勇磊刚超洪荣忠良庆"
    u"福宝玉光清云山江树根发全友义仁礼贵富安康宏兴旺盛昌茂松柏泽润晨轩博睿铭宸逸航凯翔毅坚恒"
    u"振达正大先中立学仕才财水火土木木连根阿小长继承传亮星天佑瑞祖维善孝廉景嘉世向红卫";
inline constexpr std::u16string_view kFemaleGiven =
    u"英芳秀兰丽敏静霞红玲燕娟桂珍梅凤琴萍雪艳婷洁莉娜慧玉华云月香莲美珠翠爱春秋菊花仙娥娣"
    u"巧银金宝素贞淑惠文雅诗涵欣怡梓萱雨彤佳琪思妍可馨若晴子悦语桐一诺紫依蕾薇倩颖璐瑶琳莹"
    u"晓小冬青荷蓉芬芝茹菲彩虹凡连娇妹囡阿林根水好如意安宁";
inline constexpr std::u16string_view kPlaceCharacters =
    u"新南北东西石桥河塘门家庄上下大小龙泉山湖江水沙王张李陈周沈马高金银安丰永和平联合兴胜利红"
    u"星光明桃花梅柳杨松竹荷莲青白云凤虎牛羊鱼溪湾头口里浜港圩埭墩坝庙寺塔井堰渡岭坡坪坑洋田";

inline constexpr std::string_view kTownSuffixes[] = {"镇", "镇", "镇", "街道", "乡"};
inline constexpr std::string_view kVillageSuffixes[] = {"村", "村", "村", "村", "社区"};

}  // namespace rootlet::bench
